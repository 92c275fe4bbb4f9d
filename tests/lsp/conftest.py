"""The language server as a process, and a copy of the shipped policies that it has open."""

import shutil
from pathlib import Path

import pytest
import pytest_asyncio
import pytest_lsp
from editor import SERVER, Text
from lsprotocol import types
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities

SHIPPED = Path(__file__).parents[2] / "policies"


@pytest_lsp.fixture(config=ClientServerConfig(server_command=SERVER), scope="module")
async def client(lsp_client: LanguageClient):
    @lsp_client.feature(types.WORKSPACE_INLAY_HINT_REFRESH)
    def refreshed(params):
        return None

    capabilities = client_capabilities("visual-studio-code")
    await lsp_client.initialize_session(types.InitializeParams(capabilities=capabilities))
    yield lsp_client
    await lsp_client.shutdown_session()


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    """A copy of the shipped policies, with one golden file."""
    folder = tmp_path_factory.mktemp("library") / "policies"
    shutil.copytree(SHIPPED, folder, ignore=shutil.ignore_patterns("*.golden"))
    golden = sorted((SHIPPED / "bcbsks/iv_anesthetics.golden/2024-10-01").glob("*.json"))
    goldens = folder / "bcbsks/iv_anesthetics.golden/2024-10-01"
    goldens.mkdir(parents=True)
    for path in golden[:6]:
        shutil.copy(path, goldens)
    return folder


@pytest_asyncio.fixture(loop_scope="module")
async def iv(client, library):
    text = Text(client, library / "bcbsks/iv_anesthetics.pol")
    assert [d.code for d in await text.open()] == []
    yield text
    await text.close()

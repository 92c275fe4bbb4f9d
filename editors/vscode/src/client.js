// Starts `policyc lsp` for .pol files, and asks for the day that inlay hints speak of.

const { commands, window, workspace } = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

const SHOW_ON = "policyc.showOn";

let client;

exports.activate = async function (context) {
  const settings = workspace.getConfiguration("policyc");
  const roots = settings.get("roots").flatMap((root) => ["--root", root]);
  const server = { command: settings.get("command"), args: ["lsp", ...roots] };
  client = new LanguageClient("policyc", server, {
    documentSelector: [{ language: "pol" }],
    synchronize: { fileEvents: workspace.createFileSystemWatcher("**/*.{pol,csv,json}") },
  });
  context.subscriptions.push(commands.registerCommand("policyc.chooseDay", chooseDay));
  await client.start();
};

exports.deactivate = () => client?.stop();

async function chooseDay() {
  const day = await window.showInputBox({
    prompt: "The day on which the policy is to be read; empty for none",
    placeHolder: "2024-10-01",
    validateInput: (text) => (/^(\d{4}-\d{2}-\d{2})?$/.test(text) ? null : "expected YYYY-MM-DD"),
  });
  if (day !== undefined) {
    await client.sendRequest("workspace/executeCommand", { command: SHOW_ON, arguments: [day || null] });
  }
}

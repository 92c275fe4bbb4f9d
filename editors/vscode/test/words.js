// Reads from standard input texts with places in them, `[[text, [offset, ...]], ...]`, and writes the scope of each.

const fs = require("fs");
const path = require("path");
const oniguruma = require("vscode-oniguruma");
const { INITIAL, Registry, parseRawGrammar } = require("vscode-textmate");

const GRAMMAR = path.join(__dirname, "../syntaxes/pol.tmLanguage.json");

async function main() {
  await oniguruma.loadWASM(fs.readFileSync(require.resolve("vscode-oniguruma/release/onig.wasm")).buffer);
  const registry = new Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
      createOnigString: (text) => new oniguruma.OnigString(text),
    }),
    loadGrammar: async () => parseRawGrammar(fs.readFileSync(GRAMMAR, "utf8"), GRAMMAR),
  });
  const grammar = await registry.loadGrammar("source.pol");
  const asked = JSON.parse(fs.readFileSync(0, "utf8"));
  process.stdout.write(JSON.stringify(asked.map(([text, places]) => scopes(grammar, text, places))));
}

function scopes(grammar, text, places) {
  const found = [];
  let stack = INITIAL;
  let start = 0;
  for (const line of text.split("\n")) {
    const read = grammar.tokenizeLine(line, stack);
    stack = read.ruleStack;
    for (const token of read.tokens) {
      found.push([start + token.startIndex, token.scopes[token.scopes.length - 1]]);
    }
    start += line.length + 1;
  }
  return places.map((place) => found.filter(([at]) => at <= place).pop()[1]);
}

main();

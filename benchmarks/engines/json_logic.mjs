// JsonLogic on Node: the first line of the input is the policy and the lines to decide, answered by what is told
// of them; each further line asks for a round, answered by its microseconds a line.
import { createInterface } from "node:readline";
import { LogicEngine } from "json-logic-engine";

const input = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const { logic, lines, warm } = JSON.parse((await input.next()).value);
const ask = new LogicEngine().build(logic);
console.log(JSON.stringify(lines.map((line) => ask(line))));

function round() {
    const start = process.hrtime.bigint();
    for (const line of lines) ask(line);
    return Number(process.hrtime.bigint() - start) / 1000 / lines.length;
}

for (let at = 0; at < warm; at++) round();
for await (const _ of input) console.log(round());

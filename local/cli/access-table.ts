import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { groups, may, permissionMeanings, permissions } from "../../src/shared/access.ts";
import { PROJECT_FOLDER, runTool } from "../dev/places.ts";

const PAGE = path.join(PROJECT_FOLDER, "docs/access.md");
const BEGIN = "<!-- Made by `npm run docs:access` from src/shared/access.ts: begin -->";
const END = "<!-- end -->";

/** The page with its table as the code has it now. */
export function withCurrentTable(page: string): string {
  const [before, rest] = page.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined)
    throw new Error(`docs/access.md has lost its line ${BEGIN} or ${END}`);
  return `${before}${BEGIN}\n\n${accessTable()}\n\n${END}${after}`;
}

function accessTable(): string {
  const rows = [
    ["Permission", "Lets one …", ...groups],
    ["---", "---", ...groups.map(() => "---")],
    ...permissions.map((permission) => [
      `\`${permission}\``,
      permissionMeanings[permission],
      ...groups.map((group) => (may(group, permission) ? "yes" : "")),
    ]),
  ];
  return rows.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

if (process.argv[1] === import.meta.filename)
  await runTool(async () => {
    writeFileSync(PAGE, withCurrentTable(readFileSync(PAGE, "utf8")));
    console.log("docs/access.md has the table of src/shared/access.ts.");
  });

import { describe, expect, test } from "vitest";
import { engineFindings, featureFindings, focusFindings, routeFindings } from "./code-rules.ts";
import { adrFindings, linkFindings, linkTargets, scriptFindings } from "./docs-rules.ts";
import {
  disableFindings,
  leftOverFindings,
  lockFindings,
  machineFindings,
  migrationFindings,
  nameFindings,
  sizeFindings,
} from "./text-rules.ts";
import { readTree } from "./tree.ts";

const tree = readTree();
const paths = tree.map((file) => file.path);
const textOf = (path: string): string => tree.find((file) => file.path === path)?.text ?? "";
const matching = (pattern: RegExp) => tree.filter((file) => pattern.test(file.path));

const code = matching(/^(src|local|bench|console|test)\/.+\.ts$|^[^/]+\.config\.ts$|^\..+\.mjs$/);
const ours = matching(/^(?!package-lock\.json$)/);
const prose = matching(/\.md$/);
const scripts = new Set(Object.keys((JSON.parse(textOf("package.json")) as { scripts: object }).scripts));

test("the tree was read", () => {
  const landmarks = ["package.json", "src/worker.ts", "test/unit/tidy/tree.test.ts"];
  expect(landmarks.filter((path) => !paths.includes(path))).toEqual([]);
});

describe("files", () => {
  test("are kebab-case, by what they do", () => {
    expect(tree.flatMap(nameFindings)).toEqual([]);
  });

  test("keep to their size", () => {
    expect(code.flatMap(sizeFindings)).toEqual([]);
  });

  test("hold nothing left over", () => {
    expect(code.flatMap(leftOverFindings)).toEqual([]);
  });

  test("switch a rule off only with a reason", () => {
    expect(code.flatMap(disableFindings)).toEqual([]);
  });

  test("name no path or host of one machine", () => {
    expect(ours.flatMap(machineFindings)).toEqual([]);
  });

  test("are all tested: no test runs alone, none is left out", () => {
    expect(matching(/^test\/.+\.ts$/).flatMap(focusFindings)).toEqual([]);
  });
});

describe("code", () => {
  test("of the engine computes exactly and holds no state", () => {
    expect(matching(/^src\/features\/simulation\/engine\/.+\.ts$/).flatMap(engineFindings)).toEqual([]);
  });

  test("of features is told the time", () => {
    expect(matching(/^src\/features\/.+\.ts$/).flatMap(featureFindings)).toEqual([]);
  });

  test("of routes calls a verb and maps", () => {
    expect(matching(/^src\/features\/[^/]+\/(routes\/.+|[a-z-]*routes)\.ts$/).flatMap(routeFindings)).toEqual([]);
  });
});

describe("installing and migrating", () => {
  test("the lockfile names no download address", () => {
    expect(matching(/^package-lock\.json$/).flatMap(lockFindings)).toEqual([]);
  });

  test("every migration goes both ways", () => {
    expect(migrationFindings(paths, textOf("drizzle/meta/_journal.json"))).toEqual([]);
  });
});

describe("documents", () => {
  test("link to what is there", () => {
    const targets = linkTargets(paths);
    expect(prose.flatMap((file) => linkFindings(file, targets))).toEqual([]);
  });

  test("name commands that exist", () => {
    const speaking = matching(/\.(md|yml)$|^(src|local|bench)\/.+\.ts$|^\.ci\//);
    expect(speaking.flatMap((file) => scriptFindings(file, scripts))).toEqual([]);
  });

  test("of choices have the same four parts", () => {
    expect(matching(/^docs\/adr\/(?!README).+\.md$/).flatMap(adrFindings)).toEqual([]);
  });
});

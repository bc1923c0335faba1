import { expect, it } from "vitest";
import { currencies } from "../../../src/features/simulation/request/currencies.ts";

it("are the 178 codes of list one without the ten that no pay is in, each once", () => {
  expect(currencies).toHaveLength(168);
  expect([...new Set(currencies)].toSorted()).toEqual([...currencies]);
  const known = new Set<string>(currencies);
  const recent = ["EUR", "SLE", "VED", "VES", "XCG", "ZWG", "XAD", "UYW"];
  expect(recent.filter((code) => !known.has(code))).toEqual([]);
  const gone = ["ANG", "BGN", "BYR", "CUC", "HRK", "LTL", "MRO", "SLL", "STD", "VEF", "ZMK", "ZWL"];
  const noPay = ["XAG", "XAU", "XBA", "XBB", "XBC", "XBD", "XPD", "XPT", "XTS"];
  expect([...gone, ...noPay].filter((code) => known.has(code))).toEqual([]);
});

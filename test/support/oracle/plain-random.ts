/** Chance as the oracle takes it: uniforms in [0, 1). */
export interface Chance {
  uniform(): number;
}

const WORD = 2 ** 32;

/** A small generator of its own (Weyl sequence through a multiply-xorshift mix): the oracle shares nothing with the engine. */
export function plainRandom(seed: number): Chance {
  let weyl = Math.imul(seed ^ 0x5bd1e995, 0x9e3779b1);
  const word = () => {
    weyl = (weyl + 0x9e3779b9) | 0;
    let mixed = weyl ^ (weyl >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  };
  return { uniform: () => (word() + word() / WORD) / WORD };
}

/** An integer from 0 to below `end`. */
export function below(chance: Chance, end: number): number {
  return Math.floor(chance.uniform() * end);
}

/** One of the items. */
export function pick<Item>(chance: Chance, items: readonly Item[]): Item {
  return items[below(chance, items.length)]!;
}

/** A uniformly random order of the items. */
export function shuffled<Item>(chance: Chance, items: readonly Item[]): Item[] {
  const list = [...items];
  for (let index = list.length - 1; index > 0; index--) {
    const other = below(chance, index + 1);
    [list[index], list[other]] = [list[other]!, list[index]!];
  }
  return list;
}

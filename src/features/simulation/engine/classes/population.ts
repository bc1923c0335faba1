/** Classes a population has room for at first; it doubles when they do not suffice. */
const INITIAL_CLASSES = 32;

/**
 * The people of one role as a list of classes: `count[i]` interchangeable people who have gained knowledge `level[i]`
 * times and are asked for the output of `expected[i]` people. Only entries below `size` mean anything; a class is listed
 * once, has at least one person, and the list is ordered by (expected, level), ascending.
 */
export class Population {
  size = 0;
  level = new Int32Array(INITIAL_CLASSES);
  expected = new Float64Array(INITIAL_CLASSES);
  count = new Int32Array(INITIAL_CLASSES);

  clear(): void {
    this.size = 0;
  }

  /** Appends a class; the caller keeps the order. */
  push(level: number, expected: number, count: number): void {
    const index = this.size;
    if (index === this.level.length) this.reserve(index + 1);
    this.level[index] = level;
    this.expected[index] = expected;
    this.count[index] = count;
    this.size = index + 1;
  }

  /** People in all classes. */
  people(): number {
    let people = 0;
    for (let index = 0; index < this.size; index++) people += this.count[index]!;
    return people;
  }

  /** Makes room for so many classes; keeps those that are there. */
  reserve(classes: number): void {
    if (classes <= this.level.length) return;
    const room = Math.max(classes, 2 * this.level.length);
    const level = new Int32Array(room);
    const expected = new Float64Array(room);
    const count = new Int32Array(room);
    level.set(this.level);
    expected.set(this.expected);
    count.set(this.count);
    this.level = level;
    this.expected = expected;
    this.count = count;
  }
}

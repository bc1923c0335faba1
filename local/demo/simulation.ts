/** The README's first simulation, to the letter: the seed makes everyone see the same figures. */
export const README_SIMULATION = {
  company: "Acme",
  n_iterations: 200,
  automation_factor: 0.5,
  n_months: 48,
  seed: 7071,
  roles: [
    { role: "Engineer", count: 50, salary: 80_000 },
    { role: "Marketing", count: 100, salary: 70_000 },
  ],
} as const;

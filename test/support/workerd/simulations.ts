/** The least that is a simulation: done in milliseconds. */
export const smallSimulation = {
  company: "Acme",
  n_iterations: 1,
  automation_factor: 0.5,
  n_months: 12,
  roles: [{ role: "Engineer", count: 1, salary: 80_000 }],
};

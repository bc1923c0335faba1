/** The README's first simulation: Acme, 150 people in two roles, four years. The seed makes everyone see the same figures. */
export const README_SIMULATION = {
  company: "Acme",
  n_iterations: 200,
  automation_factor: 0.5,
  n_months: 48,
  seed: 7071,
  roles: [
    {
      role: "Engineer",
      count: 50,
      salary: 80_000,
      workloads: [
        { Name: "Write code", Type: "Auto", Skill: 0.9, Time: 0.5 },
        { Name: "Review code", Type: "Non-Auto", Skill: 0.8, Time: 0.125 },
        { Name: "Automated testing", Type: "Auto", Skill: 0.7, Time: 0.2 },
        { Name: "Debug production issues", Type: "Non-Auto", Skill: 0.85, Time: 0.175 },
      ],
    },
    {
      role: "Marketing",
      count: 100,
      salary: 70_000,
      workloads: [
        { Name: "Content creation", Type: "Auto", Skill: 0.85, Time: 0.4 },
        { Name: "SEO optimization", Type: "Auto", Skill: 0.7, Time: 0.15 },
        { Name: "Market research", Type: "Non-Auto", Skill: 0.75, Time: 0.2 },
        { Name: "Social media campaigns", Type: "Non-Auto", Skill: 0.8, Time: 0.25 },
      ],
    },
  ],
} as const;

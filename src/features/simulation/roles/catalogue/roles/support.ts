import type { CatalogueRole } from "../../workloads.ts";
import { auto, person } from "../workload.ts";

export const support: readonly CatalogueRole[] = [
  {
    role: "Customer Support",
    aliases: [
      "Support Agent",
      "Customer Service",
      "Customer Service Representative",
      "Customer Support Representative",
      "Call Centre Agent",
      "Call Center Agent",
    ],
    workloads: [
      auto("Answer known questions", 0.45, 0.45, "Answers are on file; the wording of questions varies."),
      auto("Record and route requests", 0.35, 0.2, "A few categories, and a wrong one is moved on."),
      person("Solve unusual cases", 0.8, 0.2, "No rule fits, so somebody makes an exception."),
      person("Calm upset customers", 0.85, 0.15, "An apology counts when a person makes it."),
    ],
  },
  {
    role: "Technical Support Specialist",
    aliases: ["Technical Support Agent", "Technical Support Engineer", "Application Support Analyst"],
    workloads: [
      auto("Diagnose from symptoms and logs", 0.65, 0.3, "Cases resemble each other, products change."),
      auto("Guide through known fixes", 0.5, 0.25, "Steps are written and success is visible."),
      auto("Write up solutions", 0.45, 0.1, "The case is the source."),
      person("Work out new faults with developers", 0.85, 0.2, "Nobody has the answer yet."),
      person("Keep customers through long failures", 0.8, 0.15, "Patience is granted to a person."),
    ],
  },
  {
    role: "IT Support Technician",
    aliases: [
      "Help Desk Technician",
      "Help Desk",
      "Service Desk Agent",
      "Desktop Support",
      "IT Technician",
      "IT Support",
    ],
    workloads: [
      auto("Reset access and answer questions", 0.3, 0.3, "A handful of requests makes up most of the queue."),
      auto("Install and update software", 0.4, 0.2, "Packages go out from a console."),
      auto("Diagnose faults remotely", 0.6, 0.15, "Logs and a decision tree, with odd cases."),
      person("Swap and set up devices", 0.45, 0.2, "Someone carries, plugs and labels."),
      person("Help helpless users", 0.6, 0.15, "Beside the desk it takes a minute."),
    ],
  },
  {
    role: "Customer Success Manager",
    aliases: ["Customer Success Specialist", "Client Success Manager", "Onboarding Specialist"],
    workloads: [
      auto("Watch usage and risk of leaving", 0.55, 0.2, "Signals are logged; past churn teaches."),
      auto("Prepare reviews and guides", 0.55, 0.2, "Data and templates."),
      auto("Send check-ins", 0.3, 0.1, "Triggered by dates and figures."),
      person("Train and advise customers", 0.75, 0.3, "Change in a firm is led by people."),
      person("Rescue and renew", 0.85, 0.2, "Disappointment is repaired in a conversation."),
    ],
  },
  {
    role: "Customer Service Manager",
    aliases: ["Support Manager", "Call Centre Manager", "Call Center Manager", "Head of Customer Service"],
    workloads: [
      auto("Plan shifts", 0.45, 0.2, "Calls are forecast and rules are fixed."),
      auto("Check quality of contacts", 0.55, 0.2, "Every record can be scored, not just a sample."),
      auto("Report", 0.35, 0.1, "Standard measures."),
      person("Coach and lead agents", 0.8, 0.3, "Strain on the line needs a human superior."),
      person("Decide on complaints", 0.85, 0.2, "Goodwill is spent in the firm's name."),
    ],
  },
];

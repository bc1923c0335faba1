import type { CatalogueRole } from "../../workloads.ts";
import { auto, person } from "../workload.ts";

export const marketing: readonly CatalogueRole[] = [
  {
    role: "Marketing",
    aliases: ["Marketing Manager", "Marketing Specialist", "Marketing Coordinator", "Brand Manager"],
    workloads: [
      auto("Write and adapt content", 0.8, 0.35, "Text comes easily; voice and claims must fit the brand."),
      auto("Measure campaigns", 0.65, 0.2, "Clicks and sales are counted, their causes are argued."),
      person("Research the market", 0.75, 0.2, "New needs are heard in talks before they are in data."),
      person("Plan and negotiate campaigns", 0.8, 0.25, "Budgets and partners are won by people."),
    ],
  },
  {
    role: "Digital Marketing Specialist",
    aliases: ["Performance Marketing Manager", "SEO Specialist", "Online Marketing Manager", "Growth Marketer"],
    workloads: [
      auto("Set bids and audiences", 0.5, 0.3, "Continuous feedback makes it a control loop."),
      auto("Make and test variants", 0.55, 0.25, "The better one is measured within days."),
      auto("Improve pages for search", 0.6, 0.15, "Guidelines are public, effects are slow."),
      auto("Report", 0.35, 0.1, "The same charts each week."),
      person("Set aims and budget", 0.8, 0.2, "What a customer is worth is a decision."),
    ],
  },
  {
    role: "Content Writer",
    aliases: ["Copywriter", "Content Creator", "Content Marketing Manager"],
    workloads: [
      auto("Research topics", 0.6, 0.2, "Sources are many; wrong ones look alike."),
      auto("Write drafts", 0.7, 0.35, "A brief fixes length, voice and message."),
      auto("Edit and prepare for release", 0.45, 0.15, "Style guides, checks and fields."),
      person("Interview sources", 0.8, 0.15, "People tell a story to someone."),
      person("Answer for what is published", 0.85, 0.15, "Truth and libel have an owner."),
    ],
  },
  {
    role: "Social Media Manager",
    aliases: ["Community Manager", "Social Media Specialist"],
    workloads: [
      auto("Make and schedule posts", 0.5, 0.35, "Short forms, a calendar and quick feedback."),
      auto("Watch mentions", 0.4, 0.15, "Search terms and tone are classified."),
      auto("Answer usual comments", 0.55, 0.15, "Most repeat; irony misleads."),
      person("Respond in a storm", 0.9, 0.15, "One sentence may harm the firm, so somebody owns it."),
      person("Work with creators and fans", 0.75, 0.2, "Relations are personal."),
    ],
  },
  {
    role: "Public Relations Specialist",
    aliases: ["PR Manager", "Communications Manager", "Press Officer", "Corporate Communications Specialist"],
    workloads: [
      auto("Draft releases and speeches", 0.7, 0.25, "House style and facts are at hand."),
      auto("Collect press coverage", 0.3, 0.15, "Keyword searches and a digest."),
      auto("Maintain distribution lists", 0.25, 0.1, "Names, topics and addresses."),
      person("Look after journalists", 0.85, 0.25, "Access rests on years of fair dealing."),
      person("Counsel in crises", 0.95, 0.25, "Silence or words: someone decides and stands by it."),
    ],
  },
  {
    role: "Market Research Analyst",
    aliases: ["Market Researcher", "Consumer Insights Analyst", "Survey Researcher"],
    workloads: [
      auto("Build questionnaires", 0.6, 0.15, "Proven item banks; bad wording biases quietly."),
      auto("Collect and weight answers", 0.45, 0.25, "Panels and quotas are arithmetic."),
      auto("Analyse and chart", 0.55, 0.25, "The usual cuts of the usual tables."),
      person("Lead groups and interviews", 0.8, 0.15, "A room is read by someone in it."),
      person("Advise on consequences", 0.85, 0.2, "Clients pay for a view that is defended."),
    ],
  },
  {
    role: "Event Manager",
    aliases: ["Event Planner", "Event Coordinator", "Conference Organiser"],
    workloads: [
      auto("Compare venues and prices", 0.5, 0.15, "Offers with the same columns."),
      auto("Handle invitations and lists", 0.25, 0.2, "Replies, reminders and badges."),
      auto("Plan schedules and budgets", 0.55, 0.15, "Constraints are known; gaps show in rehearsal."),
      person("Win partners and speakers", 0.8, 0.2, "They come because someone asked."),
      person("Run the day on site", 0.75, 0.3, "Trouble is met by whoever stands there."),
    ],
  },
];

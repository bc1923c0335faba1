import type { CatalogueRole } from "../../workloads.ts";
import { auto, person } from "../workload.ts";

export const designAndProduct: readonly CatalogueRole[] = [
  {
    role: "Product Manager",
    aliases: ["Product Owner", "Product Lead"],
    workloads: [
      auto("Write requirements and stories", 0.7, 0.2, "Decisions are given; the text has a usual form."),
      auto("Evaluate usage and feedback", 0.65, 0.15, "Plenty of data, sorted into known themes."),
      person("Talk with customers", 0.8, 0.2, "Needs come out when people feel heard."),
      person("Set priorities", 0.9, 0.25, "Saying no takes authority and is answered for."),
      person("Win support for the plan", 0.85, 0.2, "Commitment is given to a person."),
    ],
  },
  {
    role: "UX Designer",
    aliases: ["Product Designer", "UI Designer", "UX/UI Designer", "Interaction Designer", "Web Designer"],
    workloads: [
      auto("Draw screens and variants", 0.75, 0.35, "A design system sets the parts; taste picks."),
      auto("Keep components and specifications", 0.5, 0.15, "Consistency can be checked mechanically."),
      auto("Build prototypes", 0.65, 0.15, "Clickable drafts follow from the screens."),
      person("Understand users and context", 0.85, 0.2, "Watching people at work means being there."),
      person("Argue for a solution", 0.8, 0.15, "Others give up wishes for reasons they trust."),
    ],
  },
  {
    role: "UX Researcher",
    aliases: ["User Researcher", "Design Researcher"],
    workloads: [
      auto("Recruit and schedule participants", 0.4, 0.15, "Criteria, calendars and messages."),
      auto("Transcribe and code sessions", 0.6, 0.25, "Themes follow a code book, samples are cross-checked."),
      auto("Write reports", 0.7, 0.15, "Evidence is at hand, emphasis needs care."),
      person("Conduct interviews and tests", 0.85, 0.3, "People open up to people."),
      person("Shape questions and conclusions", 0.85, 0.15, "Leading questions ruin a study unnoticed."),
    ],
  },
  {
    role: "Graphic Designer",
    aliases: ["Visual Designer", "Layout Designer"],
    workloads: [
      auto("Produce drafts", 0.7, 0.35, "Many variants are cheap; a client picks."),
      auto("Adapt to formats and languages", 0.4, 0.25, "Sizes and rules of the brand are given."),
      auto("Retouch and prepare for print", 0.5, 0.15, "Technical limits are published."),
      person("Find the guiding idea", 0.85, 0.15, "Originality and its risk are a personal stake."),
      person("Settle with the client", 0.7, 0.1, "Taste is negotiated face to face."),
    ],
  },
  {
    role: "Technical Writer",
    aliases: ["Technical Author", "Documentation Specialist"],
    workloads: [
      auto("Draft instructions", 0.65, 0.4, "Facts come from the product; readers test the result."),
      auto("Update after changes", 0.5, 0.2, "The difference between versions is known."),
      auto("Edit for style and terms", 0.4, 0.15, "A style guide and a word list decide."),
      person("Answer for warnings and safety", 0.85, 0.1, "Liability hangs on these sentences."),
      person("Question the makers", 0.7, 0.15, "What is not written must be drawn out."),
    ],
  },
  {
    role: "Business Analyst",
    aliases: ["Requirements Analyst", "Process Analyst", "Systems Analyst"],
    workloads: [
      auto("Model processes", 0.65, 0.2, "A notation and recorded steps."),
      auto("Write specifications", 0.7, 0.25, "Derived from notes, then checked by those concerned."),
      auto("Analyse figures", 0.6, 0.15, "Usual comparisons over internal data."),
      person("Run workshops", 0.8, 0.2, "Departments must find common words in one room."),
      person("Resolve conflicting aims", 0.85, 0.2, "A compromise needs someone both sides accept."),
    ],
  },
  {
    role: "Video Editor",
    aliases: ["Film Editor", "Media Producer", "Motion Designer"],
    workloads: [
      auto("Sort and mark footage", 0.45, 0.2, "Speech, faces and scenes can be recognised."),
      auto("Cut drafts", 0.75, 0.3, "Rhythm has rules that a viewer checks at once."),
      auto("Subtitles, sound levels, formats", 0.35, 0.2, "Norms are numeric."),
      person("Work on location", 0.6, 0.1, "Somebody has to stand there with the camera."),
      person("Decide on story and tone", 0.85, 0.2, "Whose view is shown is an editorial duty."),
    ],
  },
];

import type { CatalogueRole } from "../../workloads.ts";
import { auto, person } from "../workload.ts";

export const education: readonly CatalogueRole[] = [
  {
    role: "Teacher",
    aliases: ["School Teacher", "Primary School Teacher", "Secondary School Teacher", "Vocational Teacher"],
    workloads: [
      auto("Prepare lessons", 0.65, 0.15, "Curricula and material exist; the class is particular."),
      auto("Mark standard work", 0.55, 0.15, "A key or a scale; appeals are possible."),
      auto("Keep registers and notices", 0.25, 0.05, "Attendance and letters."),
      person("Teach in class", 0.8, 0.4, "Attention and order need a present adult."),
      person("Bring up and protect", 0.85, 0.15, "Duty of care for minors."),
      person("Talk with parents", 0.8, 0.1, "Trust between adults about a child."),
    ],
  },
  {
    role: "University Lecturer",
    aliases: ["Lecturer", "Professor", "Academic", "University Teacher"],
    workloads: [
      auto("Prepare courses", 0.75, 0.15, "The subject is known to books, its edge is not."),
      auto("Mark exercises", 0.6, 0.15, "Model answers; reasoning varies."),
      auto("Apply and report", 0.65, 0.1, "Forms around known content."),
      person("Teach and supervise", 0.85, 0.25, "Growing minds need a partner."),
      person("Do research", 0.95, 0.25, "New questions, and a name that vouches."),
      person("Examine and sit on boards", 0.85, 0.1, "Degrees are awarded by people."),
    ],
  },
  {
    role: "Researcher",
    aliases: ["Scientist", "Research Scientist", "Research Associate", "Postdoctoral Researcher"],
    workloads: [
      auto("Search literature", 0.65, 0.15, "Papers are indexed, relevance is subtle."),
      auto("Analyse data", 0.75, 0.2, "Methods are known; errors flatter."),
      auto("Draft papers and proposals", 0.75, 0.2, "A strict form, reviewed by peers."),
      person("Conceive studies", 0.95, 0.2, "What is worth asking is nowhere written."),
      person("Run experiments", 0.8, 0.15, "Apparatus and subjects misbehave."),
      person("Vouch for results", 0.9, 0.1, "Authors answer for integrity."),
    ],
  },
  {
    role: "Teaching Assistant",
    aliases: ["Classroom Assistant", "School Assistant", "Tutor"],
    workloads: [
      auto("Prepare worksheets", 0.4, 0.15, "Variants of given tasks."),
      auto("Drill and correct", 0.5, 0.2, "Patient repetition with known answers."),
      person("Support single pupils", 0.65, 0.4, "Encouragement at the right moment."),
      person("Supervise and accompany", 0.5, 0.25, "Children may not be left alone."),
    ],
  },
  {
    role: "Early Childhood Educator",
    aliases: ["Kindergarten Teacher", "Nursery Teacher", "Childcare Worker", "Nursery Nurse"],
    workloads: [
      auto("Document development", 0.5, 0.1, "Observations in a scheme."),
      auto("Organise lists and menus", 0.25, 0.05, "Numbers and notices."),
      person("Look after children", 0.6, 0.5, "Safety and comfort in arm's reach."),
      person("Play and teach", 0.7, 0.25, "Small children learn from people they love."),
      person("Speak with parents", 0.75, 0.1, "Trust at the door, morning and evening."),
    ],
  },
  {
    role: "School Principal",
    aliases: ["Headteacher", "Head Teacher", "School Leader"],
    workloads: [
      auto("Make timetables and cover plans", 0.65, 0.15, "Hard sums with known rules."),
      auto("Report to authorities", 0.45, 0.15, "Statistics in forms."),
      person("Lead staff", 0.85, 0.3, "Professionals follow persons."),
      person("Settle conflicts", 0.85, 0.2, "Pupils, parents and teachers at one table."),
      person("Decide and answer for the school", 0.9, 0.2, "An office with liability."),
    ],
  },
  {
    role: "Librarian",
    aliases: ["Archivist", "Library Assistant", "Information Specialist"],
    workloads: [
      auto("Catalogue and index", 0.5, 0.25, "Rules and imported records."),
      auto("Lend and remind", 0.2, 0.2, "Self-service desks exist."),
      auto("Answer searches", 0.6, 0.15, "Well-described holdings; vague wishes."),
      person("Guide and teach readers", 0.65, 0.25, "Children and newcomers come for a person."),
      person("Choose and preserve holdings", 0.8, 0.15, "What a town keeps is answered for."),
    ],
  },
  {
    role: "Registrar",
    aliases: ["Student Services Officer", "Admissions Officer", "School Secretary", "Academic Administrator"],
    workloads: [
      auto("Check applications", 0.45, 0.3, "Papers against published conditions."),
      auto("Keep records and issue certificates", 0.35, 0.25, "Data in, documents out."),
      auto("Answer usual questions", 0.4, 0.15, "Dates, fees and forms."),
      person("Decide on hardship and exceptions", 0.8, 0.15, "Discretion that can be appealed."),
      person("Counsel students", 0.75, 0.15, "Trouble is rarely only about forms."),
    ],
  },
];

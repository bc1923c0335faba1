import type { CatalogueRole } from "../../workloads.ts";
import { auto, person } from "../workload.ts";

export const health: readonly CatalogueRole[] = [
  {
    role: "Nurse",
    aliases: ["Registered Nurse", "Staff Nurse", "Nursing", "Practice Nurse"],
    workloads: [
      auto("Chart observations and care", 0.45, 0.15, "Readings and speech can be captured; errors endanger."),
      auto("Order supplies and plan handover", 0.4, 0.05, "Stock and care plan hold the facts."),
      person("Care at the bedside", 0.7, 0.35, "Hands, tact and dignity."),
      person("Give medicines and treatment", 0.8, 0.2, "Licensed acts on a living body."),
      person("Notice decline and act", 0.9, 0.15, "Small signs, seen by someone who knows the patient."),
      person("Comfort and explain", 0.8, 0.1, "Fear eases in human company."),
    ],
  },
  {
    role: "Physician",
    aliases: ["Doctor", "Medical Doctor", "General Practitioner", "GP", "Hospital Doctor"],
    workloads: [
      auto("Write notes and letters", 0.6, 0.2, "Taken from the talk; the doctor corrects and signs."),
      auto("Evaluate findings and literature", 0.85, 0.15, "Knowledge is public, the single case deceives."),
      person("Examine and listen", 0.85, 0.25, "Touch, sight and trust."),
      person("Decide on treatment", 0.95, 0.2, "Licence and liability."),
      person("Treat and operate", 0.95, 0.1, "Hands in a body that differs every time."),
      person("Break news and agree", 0.9, 0.1, "Consent is given to a person."),
    ],
  },
  {
    role: "Radiologist",
    aliases: ["Pathologist"],
    workloads: [
      auto("Screen routine images", 0.8, 0.3, "Large labelled archives; rare findings matter most."),
      auto("Measure and compare with earlier images", 0.6, 0.15, "Geometry on aligned pictures."),
      auto("Dictate reports", 0.55, 0.15, "A fixed structure around the findings."),
      person("Interpret difficult cases", 0.95, 0.2, "A specialist signs for life and death."),
      person("Confer and intervene", 0.9, 0.2, "Colleagues decide together; needles need hands."),
    ],
  },
  {
    role: "Pharmacist",
    aliases: ["Dispensing Chemist"],
    workloads: [
      auto("Check prescriptions and interactions", 0.6, 0.25, "Known tables; alarms must be weighed."),
      auto("Pick, pack and label", 0.55, 0.2, "Picking machines serve from known boxes."),
      auto("Manage stock and bills", 0.35, 0.15, "Codes, dates and tariffs."),
      person("Counsel patients", 0.75, 0.25, "Worries come up across the counter."),
      person("Release and supervise", 0.85, 0.15, "Law demands a pharmacist's word."),
    ],
  },
  {
    role: "Medical Secretary",
    aliases: ["Medical Receptionist", "Medical Office Assistant", "Practice Assistant", "Medical Administrator"],
    workloads: [
      auto("Make appointments", 0.3, 0.25, "Calendars and urgency rules."),
      auto("Type and send letters", 0.35, 0.2, "Dictation and addresses."),
      auto("Bill services", 0.45, 0.15, "A catalogue of fees."),
      person("Receive patients", 0.5, 0.25, "The ill want to be met and helped in."),
      person("Recognise urgency", 0.8, 0.15, "Missing an emergency is unforgivable."),
    ],
  },
  {
    role: "Medical Coder",
    aliases: ["Clinical Coder", "Medical Records Specialist", "Health Information Technician"],
    workloads: [
      auto("Assign codes", 0.6, 0.45, "Free text to a published list; money depends on it."),
      auto("Check completeness", 0.4, 0.2, "Rules say what must be in a file."),
      auto("Report statistics", 0.35, 0.1, "Counts by code."),
      person("Query clinicians", 0.7, 0.15, "Doubt is settled by asking the author."),
      person("Defend against payers", 0.8, 0.1, "Disputes need a qualified voice."),
    ],
  },
  {
    role: "Care Assistant",
    aliases: ["Nursing Assistant", "Carer", "Caregiver", "Home Care Aide", "Elderly Care Worker"],
    workloads: [
      auto("Document care", 0.35, 0.1, "The same acts every day, spoken or ticked."),
      auto("Remind and check in at a distance", 0.4, 0.05, "Times and simple questions."),
      person("Wash, dress, feed", 0.5, 0.45, "Gentle strength and shame to be spared."),
      person("Lift and walk together", 0.5, 0.2, "A body leans on a body."),
      person("Keep company", 0.6, 0.2, "Loneliness is the ailment."),
    ],
  },
  {
    role: "Physiotherapist",
    aliases: ["Physical Therapist", "Occupational Therapist", "Rehabilitation Therapist"],
    workloads: [
      auto("Document and bill", 0.4, 0.15, "Sessions follow a scheme."),
      auto("Compose exercise plans", 0.6, 0.1, "Catalogues by complaint, checked on the next visit."),
      person("Examine by touch", 0.85, 0.2, "Tension and pain are felt by hand."),
      person("Treat", 0.75, 0.4, "Skilled hands and constant response."),
      person("Motivate", 0.75, 0.15, "People persist for someone."),
    ],
  },
  {
    role: "Laboratory Technician",
    aliases: ["Medical Laboratory Technician", "Lab Technician", "Lab Assistant", "Laboratory Assistant"],
    workloads: [
      auto("Run analysers", 0.55, 0.35, "Tubes in racks; instruments do the rest."),
      auto("Check plausibility and report", 0.6, 0.2, "Ranges and history; a wrong value harms."),
      auto("Manage samples and stock", 0.35, 0.15, "Barcodes and dates."),
      person("Maintain and validate devices", 0.75, 0.1, "Someone qualified releases the method."),
      person("Prepare unusual samples", 0.65, 0.2, "Small, scarce and different."),
    ],
  },
  {
    role: "Psychologist",
    aliases: ["Psychotherapist", "Counsellor", "Therapist", "Clinical Psychologist"],
    workloads: [
      auto("Score tests", 0.35, 0.1, "Keys and norms are printed."),
      auto("Write notes and reports", 0.65, 0.15, "Sessions are the source, wording is delicate."),
      person("Hold sessions", 0.9, 0.5, "The relation itself heals."),
      person("Diagnose", 0.9, 0.15, "A licensed judgement with consequences."),
      person("Act in crises", 0.95, 0.1, "Danger to life; a person must decide."),
    ],
  },
  {
    role: "Dental Assistant",
    aliases: ["Dental Nurse", "Dental Hygienist"],
    workloads: [
      auto("Plan appointments and recalls", 0.25, 0.15, "Intervals and calendars."),
      auto("Chart and bill", 0.4, 0.15, "Dictated findings, fixed tariffs."),
      person("Assist at the chair", 0.55, 0.4, "Four hands in a small space."),
      person("Reassure patients", 0.6, 0.1, "Fear sits in the chair."),
      person("Clean and sterilise", 0.35, 0.2, "Instruments are loaded and inspected by hand."),
    ],
  },
];

"""What each field of the catalog is for, with an example, as its form says it; by model and field.

Here and not at the fields: what a form says changes often, and changes nothing in the database.
"""

from collections.abc import Mapping

SLUG = "Its short name in addresses and files, for good: small letters, digits, hyphens. For example “{}”."
ORDER = "Its place in lists, the lowest first. For example 10."
SOURCES = "The references that it rests on. For example type “Jensen” and choose from the list."

HELP: Mapping[str, Mapping[str, str]] = {
    "citation": {
        "slug": SLUG.format("jensen2019"),
        "text": "The reference as it is printed. For example “Jensen RK et al. BMJ 2019;367:l6273.”",
        "status": "How well the reference was seen. For example “Record or abstract read” when you read it yourself.",
        "note": "What to know about it; editors alone read it. For example “Full text not free.”",
    },
    "finding": {
        "slug": SLUG.format("eases-bending-forward"),
        "name": "As the assessment lists it. For example “Pain eases on bending forward”.",
        "group": "Under which heading it stands. For example “History” for what is asked.",
        "order": ORDER,
        "how": "How it is asked or done, and what counts as present. For example “Ask if leaning forward eases it.”",
        "present": "What it says when it is present. For example Lumbar stenosis, for, “Sitting opens the canal.”",
        "absent": "What it says when it is absent. For example Lumbar stenosis, against, “Then it is less likely.”",
        "accuracy": "What studies measured. For example “LR+ 6.4 (4.1–9.9)”, positive ratio 6.4, suri2010.",
    },
    "outcomemeasure": {
        "slug": SLUG.format("oswestry"),
        "name": "As clinicians know it. For example “Oswestry Disability Index”.",
        "items": "What is asked. For example “Ten questions about daily life”.",
        "scoring": "How the score comes about. For example “0 to 100, higher is worse”.",
        "meaningful_change": "The least change that counts. For example “10 points”.",
        "licence": "Who may use it. For example “Free for clinical use”.",
        "use": "What the app may do with it. For example “Store the score alone” when its wording is licensed.",
        "citations": SOURCES,
    },
    "claim": {
        "slug": SLUG.format("pelvis-causes-sciatica"),
        "kind": "For example “Reference” when a source doesn’t say what it is cited for.",
        "order": ORDER,
        "claim": "What articles say, in one sentence. For example “Uneven hips cause sciatica.”",
        "made_by": "Who says so. For example type “blog” and choose from the list.",
        "finding": "What studies show. For example “Levangie (1999) found no meaningful link.”",
        "we_say": "What the app says in its place. For example “We track pain and function, not alignment.”",
        "citations": SOURCES,
        "about": "Drivers, checks and families beside which it is shown. For example “pair_order”.",
    },
    "checkbasis": {
        "slug": "The name of the check’s rule, for good. For example “pair_order”.",
        "title": "For example “Release before strengthening”.",
        "order": ORDER,
        "asks": "What the check asks of a program. For example “Is what is tight released first?”",
        "basis": "What that rests on, said as it is. For example “A convention of practice; no trial was found.”",
        "certainty": "How sure that is. For example “Low” for practice alone.",
        "citations": SOURCES,
    },
    "muscle": {
        "slug": SLUG.format("gluteus-maximus"),
        "name": "As anatomy calls it. For example “Gluteus maximus”.",
        "plain": "As a patient would say it. For example “big buttock muscle”.",
        "search_words": "What else it is searched for as. For example “butt”.",
        "action": "What it does. For example “Straightens and turns out the hip”.",
        "antagonists": "The muscles that do the opposite. For example type “psoas” and choose from the list.",
    },
    "musclepair": {
        "tight": "What is released first. For example type “psoas” and choose from the list.",
        "weak": "What is strengthened after it. For example type “gluteus” and choose from the list.",
        "relation": "How the two belong together. For example “opposes”.",
        "weight": "Whether a wrong order is a warning or a note. For example “Primary” for a warning.",
        "note": "What clinicians should know. For example “A convention, not tested.”",
    },
    "equipment": {
        "slug": SLUG.format("foam-roller"),
        "name": "For example “Foam roller, 90 cm”.",
        "household": "Whether most people have one at home. For example yes for a towel, no for a foam roller.",
        "search_words": "What else it is searched for as. For example “roller”.",
    },
    "attribute": {
        "slug": SLUG.format("prone"),
        "name": "What an exercise asks of the body. For example “Lying on the front”.",
    },
    "driver": {
        "slug": SLUG.format("stenosis"),
        "name": "The suspected reason, never a diagnosis. For example “Lumbar stenosis”.",
        "short_name": "For lists and small screens. For example “Stenosis”.",
        "order": ORDER,
        "bias": "The direction that mostly eases. For example “Flexion” for stenosis.",
        "direction": "What is known of that direction, for the clinician. For example “Bending forward may ease it.”",
        "patient_name": "Ends the handout’s “It may come from …”, grade 6 at most. For example “a worn disc”.",
        "patient_words": "Two to four short sentences for the handout, grade 6 at most. "
        "For example “A nerve in your back is sore. It can calm down.”",
        "why_this_order": "One plain sentence for the handout; a framework, not proven. "
        "For example “First we calm it, then we build strength.”",
        "icd10": "Codes to suggest. For example “M48.061 Spinal stenosis, lumbar”.",
        "supports": "What speaks for it. For example “Pain eases when seated”.",
        "opposes": "What speaks against it. For example “Worse when seated”.",
        "careful": "What to take care of. For example “No end-range extension early”.",
        "course": "How it mostly goes. For example “Most people are better within 12 weeks.”",
        "progress": "When to go on. For example “Leg pain moves up toward the back”.",
        "regress": "When to go back. For example “Leg pain lasts over an hour after exercise”.",
        "stop": "When to stop and ask. For example “New weakness in the leg”.",
        "attribute_rules": "What it objects to. For example End-range extension, avoid early, “It narrows.”",
        "citations": SOURCES,
    },
    "drivermuscle": {
        "muscle": "For example type “piriformis” and choose from the list.",
        "state": "For example “Typically tight”.",
    },
    "precaution": {
        "slug": SLUG.format("pregnancy"),
        "name": "As the screening lists it. For example “Pregnancy”.",
        "order": ORDER,
        "rules": "What it objects to. For example Lying flat on the back, caution, “It presses on a vein.”",
        "source": "Where the rules come from. For example “ACOG Committee Opinion 804”.",
        "sign_off": "Whether a trainer asks a therapist first. For example yes for osteoporosis.",
        "needs_due_date": "Whether the due date is asked for. For example yes for pregnancy.",
        "short_name": "For the titles of checks. For example “Pregnancy”.",
        "change": "What the handout tells the patient to do otherwise, grade 6 at most. "
        "For example “Do it on your bed, not on the floor.”",
        "emergency": "Its own signs to get emergency help, on the handout. For example “you bleed”.",
        "stops": "Its own signs to stop and call, on the handout. For example “you feel dizzy”.",
    },
    "redflaggroup": {
        "slug": SLUG.format("bladder-bowel"),
        "title": "The heading of its questions. For example “Bladder and bowel”.",
        "lead": "What leads to each question. For example “Since this began, have you noticed …”",
        "order": ORDER,
    },
    "redflag": {
        "slug": SLUG.format("saddle-numbness"),
        "group": "Under which heading it is asked. For example type “bladder” and choose from the list.",
        "order": ORDER,
        "question": "As it is asked of the patient. For example “Numbness where you would sit on a saddle?”",
        "suspects": "What a yes may mean. For example “Cauda equina syndrome”.",
        "urgency": "How soon it has to be looked at. For example “Emergency now”.",
        "blocks": "Whether no handout may be issued until it is closed. For example yes for an emergency.",
        "action": "What to do now, shown as soon as it is answered yes. For example “Send to an emergency room now.”",
        "note": "What clinicians should know. For example “Ask about both legs.”",
        "citations": SOURCES,
        "retired": "Whether it isn’t asked any more. For example yes once a better question took its place.",
    },
    "exercise": {
        "slug": SLUG.format("bridge-march"),
        "name": "As clinicians find it. For example “Marching bridge”.",
        "status": "Only what is published is offered. For example “Draft” until its words and picture are there.",
        "other_names": "What else clinicians call it. For example “Hip lift”.",
        "family": "What it is a kind of; variants share it. For example “bridge”.",
        "phase": "Where it stands in a program. For example “Release” for what loosens.",
        "kind": "What sort of exercise it is. For example “Stretch”.",
        "level": "From which state on it suits. For example “Early or irritable”.",
        "position": "How the patient starts. For example “Lying on the back”.",
        "bed_ok": "Whether a firm bed does as well. For example yes for a bridge.",
        "equipment": "One line for each thing that is needed; a slash between things that do as well. "
        "For example “Mat or carpet / Firm bed”.",
        "laterality": "Which side it is done on. For example “Each side”.",
        "releases": "What it loosens. For example type “piriformis” and choose from the list.",
        "strengthens": "What it makes stronger. For example type “gluteus” and choose from the list.",
        "nerves": "The nerves that it glides. For example “sciatic”.",
        "spinal_loading": "What the spine does. For example “Neutral” for a bridge.",
        "attributes": "What it asks of the body, which precautions may object to. For example “On the floor”.",
        "sets": "How many rounds. For example 2.",
        "reps": "How often in a round. For example 8; leave it empty when the dose is in minutes.",
        "reps_max": "How often at most, once it goes well. For example 12.",
        "hold_s": "How long one is held, in seconds. For example 30.",
        "hold_s_max": "How long at most, in seconds. For example 60.",
        "minutes": "How long it goes on. For example 5; leave it empty when the dose is in repetitions.",
        "minutes_max": "How long at most. For example 10.",
        "times_per_day": "For example 2 for morning and evening.",
        "days_per_week": "For example 7 for every day, 3 for strength.",
        "dose_source": "Where the dose comes from. For example “practice”.",
        "suits_primary": "Drivers that it is a first choice for. For example type “stenosis”.",
        "suits_secondary": "Drivers that it suits, too. For example type “disc”.",
        "driver_overrides": "Where it is better or worse for a driver than its attributes say. "
        "For example Lumbar disc, avoid early, “It bends deep.”",
        "precaution_overrides": "The same for precautions; a caution needs the patient’s care. "
        "For example Pregnancy, caution, “It presses.”",
        "progression": "The next harder one. For example type “single-leg bridge”.",
        "regression": "The next easier one. For example type “pelvic tilt”.",
        "evidence": "What speaks for it. For example “Practice” when no trial was found.",
        "citations": SOURCES,
        "note": "For clinicians, beside the exercise. For example “Mostly the upper part works.”",
        "waiver": "Why it may be published in English alone. For example “Our clinic’s patients read English.” "
        "Leave it empty when both languages are there.",
        "pose": "How it is drawn. For example posed by eye in the pose editor; the keys are in docs/figures.md.",
    },
    "exercisetext": {
        "name": "As the handout calls it. For example “Marching bridge”.",
        "other_names": "What else patients call it. For example “Hip lift”.",
        "steps": "Three to six short sentences; {side} and {other} stand for left and right. "
        "For example “Lift your {side} foot.”",
        "feel": "Where it should be felt. For example “In your buttocks.”",
        "stop_if": "Ends the sentence “Stop if …”. For example “your leg pain spreads”.",
        "mistakes": "What to watch out for, four at most. For example “Do not arch your back.”",
    },
    "protocol": {
        "slug": SLUG.format("stenosis-start"),
        "driver": "For example type “stenosis” and choose from the list.",
        "title": "For example “Stenosis: flexion first”.",
        "rationale": "Why it is built so. For example “Bending forward opens the canal.”",
        "citations": SOURCES,
    },
    "protocolitem": {
        "stage": "For example “Weeks 0–2”.",
        "position": "Its place in the stage, from 1. For example 3.",
        "exercise": "For example type “bridge” and choose from the list.",
        "only_with": "Leave it empty unless testing decides. For example “Extension”.",
    },
}

# Examples for the words in Spanish; what they are for stands at the English beside them.
SPANISH: Mapping[str, Mapping[str, str]] = {
    "muscle": {"plain": "músculo grande del glúteo", "search_words": "nalga"},
    "equipment": {"name": "Rodillo de espuma", "search_words": "rodillo"},
    "driver": {
        "patient_name": "un disco gastado",
        "patient_words": "Un nervio de la espalda está irritado. Se puede calmar.",
        "why_this_order": "Primero calmamos, luego damos fuerza.",
    },
    "precaution": {
        "name": "Embarazo",
        "change": "Hágalo en la cama, no en el piso.",
        "emergency": "sangra",
        "stops": "se marea",
    },
    "redflaggroup": {"title": "Vejiga e intestino", "lead": "Desde que esto empezó, ¿ha notado …"},
    "redflag": {"question": "¿Siente dormida la zona donde se sienta?"},
    "exercisetext": {
        "name": "Puente con marcha",
        "other_names": "Puente de glúteos",
        "steps": "Levante el pie {side}.",
        "feel": "En los glúteos.",
        "stop_if": "el dolor de la pierna se extiende",
        "mistakes": "No arquee la espalda.",
    },
}


def for_field(kind: str, field: str) -> str:
    """Return what a model's field is for; “” where nobody wrote it."""
    return HELP.get(kind, {}).get(field, "")


def for_translation(kind: str, field: str, code: str, language: str) -> str:
    """Return what words in another language are for, with an example where there is one in that language."""
    example = SPANISH.get(kind, {}).get(field, "") if code == "es" else ""
    same = f"The same in {language}."
    return f"{same} For example “{example}”." if example else same

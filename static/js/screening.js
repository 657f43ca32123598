// Shows at once what to do when an urgent question is answered yes, and says it aloud once.

const form = document.querySelector("#screening");
const now = document.querySelector("#now");

function show(question) {
  const yes = question.querySelector('input[value="yes"]').checked;
  const action = question.querySelector(".question-action");
  action.hidden = !yes;
  question.classList.toggle("is-yes", yes);
  return yes && ["emergency", "same_day"].includes(question.dataset.urgency) ? action.textContent : "";
}

function answer(event) {
  const question = event.target.closest(".question");
  if (question) {
    show(question);
    const group = question.closest(".question-group");
    if (event.target.value === "yes") group.querySelector(".question-none input").checked = false;
  }
  const urgent = [...form.querySelectorAll(".question")].map(show).filter(Boolean);
  const text = [...new Set(urgent)].join(" ");
  if (now.textContent !== text) now.textContent = text;
}

form.addEventListener("change", answer);

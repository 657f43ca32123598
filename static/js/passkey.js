// Asks the browser for a passkey, or to make one, and sends it with the form of the button that was pressed.
// The server's questions stand in the page, or are fetched from the form's own address.

const SENTENCES = {
  NotAllowedError: "No passkey was used. Try again, or use another way.",
  InvalidStateError: "This device has a passkey for this account already.",
  SecurityError: "Passkeys need this site’s own name in the address, not a number such as 127.0.0.1.",
};

async function questions(form) {
  const here = document.getElementById("passkey-data");
  if (here) return JSON.parse(here.textContent);
  const response = await fetch(form.action, { headers: { Accept: "application/json" } });
  if (!response.ok) throw new Error(`The site answered ${response.status}.`);
  return response.json();
}

function made(options) {
  const wanted = structuredClone(options.creation_options);
  Object.assign(wanted.publicKey.authenticatorSelection, {
    residentKey: "required",
    requireResidentKey: true,
    userVerification: "required",
  });
  return window.webauthnJSON.create(wanted);
}

async function press(button) {
  const { form } = button;
  const trouble = form.querySelector("[data-passkey-trouble]");
  trouble.hidden = true;
  button.disabled = true;
  try {
    const options = await questions(form);
    const credential = button.dataset.passkey === "create" ? await made(options) : await window.webauthnJSON.get(options.request_options);
    form.querySelector("[data-credential]").value = JSON.stringify(credential);
    form.submit();
  } catch (error) {
    trouble.textContent = SENTENCES[error.name] || "That didn’t work. Try again, or use another way.";
    trouble.hidden = false;
    button.disabled = false;
  }
}

const able = Boolean(window.PublicKeyCredential);
for (const button of document.querySelectorAll("[data-passkey]")) {
  button.hidden = !able;
  button.addEventListener("click", () => press(button));
}
for (const words of document.querySelectorAll("[data-without-passkeys]")) words.hidden = able;

// Lets people read the passwords they type. Without JavaScript, the box stays hidden.
const box = document.getElementById("show-passwords");
const fields = box.form.querySelectorAll("input[type=password]");

function show(visible) {
  fields.forEach((field) => {
    field.type = visible ? "text" : "password";
  });
}

box.closest("[hidden]").hidden = false;
show(box.checked); // a browser may have kept the box checked when it loaded the page again
box.addEventListener("change", () => show(box.checked));
// Browsers keep what is sent from text fields, to suggest it later.
box.form.addEventListener("submit", () => show(false));

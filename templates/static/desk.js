// Comfort only: every page works without this file.
(function () {
  "use strict";

  // The summary of what is wrong takes the focus, so that it is read out first.
  var problems = document.getElementById("problems");
  if (problems) problems.focus();

  // A second press of a button while the first is on its way is dropped. The
  // server takes it for the same request anyway.
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "yes";
  });
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form").forEach(function (form) { delete form.dataset.sent; });
  });

  // How many characters are left of a text with a limit.
  document.querySelectorAll("[data-left]").forEach(function (note) {
    var input = document.getElementById(note.dataset.left);
    var most = input && Number(input.dataset.most);
    if (!most) return;
    function tell() {
      var left = most - Array.from(input.value).length;
      note.hidden = left > most / 4;
      note.classList.toggle("wrong", left < 0);
      note.textContent = (left < 0 ? note.dataset.over : note.dataset.words).replace("#", Math.abs(left));
    }
    input.addEventListener("input", tell);
    tell();
  });
})();

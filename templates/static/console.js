// Comfort for the console; every act works without it. Drafts are saved as they
// are typed, the desk learns that somebody is still at the ticket, and leaving a
// page with words not saved yet asks first.
(function () {
  "use strict";
  var page = /^\/desk\/tickets\/(DSR-[0-9]{8}-[0-9A-Z]{8})/.exec(location.pathname);
  var SAVE_AFTER = 2500, PRESENT_EVERY = 60000;
  var unsaved = 0, leaving = false;

  function post(path, body) {
    return fetch(path, { method: "POST", body: body, headers: { Accept: "application/json" }, keepalive: String(body).length < 60000, redirect: "error" })
      .then(function (answer) { if (!answer.ok) throw new Error(String(answer.status)); });
  }

  function draft(form) {
    var input = form.querySelector("textarea"), state = form.querySelector("[data-draft-state]");
    var timer = null, kept = input.value, dirty = false, sending = false;
    function mark(now) { if (now !== dirty) { dirty = now; unsaved += now ? 1 : -1; } }
    function save() {
      timer = null;
      if (sending) return;
      var text = input.value, body = new URLSearchParams();
      if (text === kept) { mark(false); return; }
      body.set("act", form.dataset.draft);
      body.set("said", form.dataset.said);
      body.set(input.name, text);
      post("/desk/tickets/" + page[1] + "/draft", body).then(function () {
        kept = text;
        if (state) state.textContent = state.dataset.saved;
        if (input.value === text) mark(false);
      }, function (error) {
        if (state) state.textContent = state.dataset.failed;
        // 409: these words were sent already, from here or from another page.
        if (!timer && error.message !== "409") timer = setTimeout(save, SAVE_AFTER * 4);
      });
    }
    input.addEventListener("input", function () {
      mark(true);
      if (state) state.textContent = "";
      if (!timer) timer = setTimeout(save, SAVE_AFTER);
    });
    document.addEventListener("visibilitychange", function () { if (document.hidden && dirty) save(); });
    // Once the form is on its way nothing more is saved of it.
    form.addEventListener("submit", function () { sending = true; clearTimeout(timer); timer = null; });
    window.addEventListener("pageshow", function () { sending = false; });
  }

  if (page) {
    document.querySelectorAll("form[data-draft]").forEach(draft);
    // Being there is having touched the page since the last minute.
    var active = false;
    ["keydown", "pointerdown", "pointermove", "scroll"].forEach(function (what) {
      document.addEventListener(what, function () { active = true; }, { passive: true });
    });
    setInterval(function () {
      if (!active || document.hidden) return;
      active = false;
      post("/desk/tickets/" + page[1] + "/presence", new URLSearchParams()).catch(function () {});
    }, PRESENT_EVERY);
  }

  document.querySelectorAll("form[data-leave]").forEach(function (form) {
    form.addEventListener("input", function () { if (!form.dataset.dirty) { form.dataset.dirty = "yes"; unsaved += 1; } });
  });
  document.addEventListener("submit", function () { leaving = true; });
  window.addEventListener("pageshow", function () { leaving = false; });
  window.addEventListener("beforeunload", function (event) { if (unsaved > 0 && !leaving) event.preventDefault(); });

  // A link to an act opens its form.
  function unfold() {
    var target = location.hash && document.getElementById(location.hash.slice(1));
    var fold = target && target.closest("details");
    if (fold) fold.open = true;
  }
  window.addEventListener("hashchange", unfold);
  unfold();
})();

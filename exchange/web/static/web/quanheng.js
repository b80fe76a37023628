"use strict";
// What a page gains with script: copying, a quick filter, closing menus. All else works without.
(() => {
  const each = (root, selector, act) => root.querySelectorAll(selector).forEach(act);

  const prepare = (root) => {
    if (navigator.clipboard) each(root, "[data-copy]", (button) => { button.hidden = false; });
    each(root, "[data-quick]", (input) => { input.hidden = false; });
  };

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (button) {
      await navigator.clipboard.writeText(button.dataset.copy);
      const mark = button.querySelector("use");
      const before = mark.getAttribute("href");
      mark.setAttribute("href", before.replace(/#.*/, "#done"));
      setTimeout(() => mark.setAttribute("href", before), 1500);
    }
    each(document, "details.menu[open]", (menu) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    each(document, "details.menu[open]", (menu) => {
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  });

  document.addEventListener("input", (event) => {
    const input = event.target.closest("[data-quick]");
    if (!input) return;
    const wanted = input.value.trim().toLowerCase();
    each(input.closest(".tabled"), "tbody tr", (row) => {
      row.hidden = wanted !== "" && !row.textContent.toLowerCase().includes(wanted);
    });
  });

  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-at-once]");
    if (form) form.requestSubmit();
  });

  document.addEventListener("htmx:afterSwap", () => prepare(document));
  prepare(document);

  // On a narrow screen the rooms are one row: the present one is brought into it.
  each(document, ".rooms [aria-current]", (door) => {
    const row = door.closest("ul");
    row.scrollLeft = door.offsetLeft - (row.clientWidth - door.offsetWidth) / 2;
  });
})();

// What is written below the questions stays in this browser, and can be saved in a copy of the page.
"use strict";
addEventListener("DOMContentLoaded", () => {
  const areas = [...document.querySelectorAll("textarea")];
  if (!areas.length) return;
  const told = document.querySelector("#told");
  const root = document.documentElement;
  const key = (area) => `torch-koans-retro ${root.dataset.key} ${area.id}`;

  const grow = (area) => {
    area.style.height = "auto";
    area.style.height = `${area.scrollHeight + area.offsetHeight - area.clientHeight}px`;
  };
  const growAll = () => areas.forEach(grow);

  function keep(area) {
    try {
      localStorage.setItem(key(area), area.value);
      told.textContent = "Kept in this browser.";
    } catch {
      told.textContent = "This browser keeps nothing: save a copy before you close the page.";
    }
  }

  function recall(area) {
    try {
      const text = localStorage.getItem(key(area));
      if (text !== null) area.value = text;
    } catch {
      // then what the file says is all there is
    }
  }

  function copy() {
    const page = root.cloneNode(true);
    areas.forEach((area) => {
      const twin = page.querySelector(`#${area.id}`);
      twin.textContent = area.value;
      twin.removeAttribute("style");
    });
    page.querySelector("#told").textContent = "";
    page.dataset.key = `${root.dataset.key.split("-")[0]}-${Date.now()}`;
    return `<!doctype html>\n${page.outerHTML}\n`;
  }

  function save() {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([copy()], { type: "text/html" }));
    link.download = `${root.dataset.name}-answers.html`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    told.textContent = `Saved as ${link.download}, where your browser puts what it downloads.`;
  }

  areas.forEach((area) => {
    recall(area);
    area.addEventListener("input", () => {
      grow(area);
      keep(area);
    });
  });
  growAll();
  addEventListener("resize", growAll);
  addEventListener("beforeprint", growAll);
  document.querySelector("#save").addEventListener("click", save);
});

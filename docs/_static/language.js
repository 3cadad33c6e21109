"use strict";

// The switch between the languages leads to the section in view. Both pages have the same sections,
// with the anchors section-1, section-2, …
{
  const link = document.querySelector("a.language");
  const page = link.href;
  const sections = [...document.querySelectorAll("article section")];
  const top = (one) => one.getBoundingClientRect().top;

  // The section that the address names, as long as it is in view; or the last that was scrolled to.
  const current = () => {
    const target = document.querySelector("article :target");
    if (target && top(target) >= 0 && top(target) < innerHeight) return target.closest("section");
    return sections.findLast((one) => top(one) < innerHeight / 3);
  };
  const follow = () => {
    const number = sections.indexOf(current());
    link.href = number > 0 ? `${page}#section-${number + 1}` : page;
  };
  for (const event of ["load", "hashchange", "scroll", "resize"]) window.addEventListener(event, follow);

  // The front page offers Korean to browsers that are set to it.
  const offer = document.querySelector(".offer");
  if (offer) offer.hidden = !navigator.languages.some((one) => one.split("-")[0] === "ko");
}

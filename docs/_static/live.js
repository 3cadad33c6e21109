"use strict";

// The live page on the front page: as high as it needs to be, and as light or dark as the site.
// It is no module, because a browser loads none from a file.
{
  const frame = document.querySelector("iframe.live");
  const tell = () => frame.contentWindow.postMessage({ theme: document.body.dataset.theme }, "*");

  window.addEventListener("message", ({ source, data }) => {
    if (source !== frame.contentWindow) return;
    frame.style.height = `${data.high + 2}px`; // and its border
    tell();
  });
  frame.addEventListener("load", tell);
  new MutationObserver(tell).observe(document.body, { attributeFilter: ["data-theme"] });
}

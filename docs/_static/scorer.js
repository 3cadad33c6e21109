"use strict";

// Sphinx's scores of search results, except that equal ones are in the order of the chapters.
window.Scorer = {
  score: ([page, , , , score]) => score - (parseInt(page, 10) || 99) / 1000,
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
};

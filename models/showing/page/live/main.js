// A live page: a trained model that computes in the page what you ask of it.

import "./korean.js";
import { sayMade } from "../../../../minigrad/draw/page/language.js";
import { data } from "./data.js";
import { Cuts } from "./cuts.js";
import { reading, translation, Writing } from "./answers.js";
import { byId } from "./elements.js";
import { offerExamples } from "./controls.js";
import { startTranslator } from "./translator.js";
import { startReader } from "./reader.js";
import { WriterView } from "./writer.js";
import { startFrame } from "./frame.js";

const VIEWS = { translator: startTranslator, reader: startReader, writer: () => new WriterView() };

for (const id of ["about", "label"]) byId(id).textContent = sayMade(data[id]);
byId("text").value = data.text;
offerExamples();
VIEWS[data.view]();
startFrame();

// What the page computes, to try in the console: live.translation("오늘은 금요일입니다.").text
window.live = { translation, reading, Writing, Cuts, data };

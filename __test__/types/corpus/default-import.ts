import Multiplexer from "@upstash/model-multiplexer";
import OpenAI from "openai";

const multiplexer = new Multiplexer();
multiplexer.addModel(new OpenAI(), 1, "gpt-4o");
const same: Multiplexer = multiplexer;
export default same;

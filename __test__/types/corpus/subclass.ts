import { Multiplexer } from "@upstash/model-multiplexer";
import type OpenAI from "openai";

export class NamedMultiplexer extends Multiplexer {
  readonly names: string[] = [];

  constructor(readonly label: string) {
    super();
  }

  override addModel(model: OpenAI, weight: number, modelName: string): void {
    this.names.push(modelName);
    super.addModel(model, weight, modelName);
  }

  override reset(): void {
    this.names.length = 0;
    super.reset();
  }
}

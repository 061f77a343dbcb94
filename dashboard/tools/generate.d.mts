// What tests import of the generator.
export function metricsOf(
  source: string,
): {name: string; definition: string; unit: string; better: string; label: string; help: string}[];
export function generate(): Promise<void>;

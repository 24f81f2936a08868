import { contrast, towards } from "./contrast";

export const themes = ["system", "light", "dark"] as const;
export type Theme = (typeof themes)[number];
const chosen = "kith.theme";

export function theme(): Theme {
  return themes.find((t) => t === localStorage.getItem(chosen)) ?? "system";
}

export function applyTheme(next: Theme = theme()): void {
  if (next === "system") {
    localStorage.removeItem(chosen);
    delete document.documentElement.dataset.theme;
  } else {
    localStorage.setItem(chosen, next);
    document.documentElement.dataset.theme = next;
  }
}

/** The organisation's accent, and for the dark a lighter one that can be read. */
export function applyAccent(accent: string): void {
  let dark = accent;
  for (let share = 0; share <= 1 && contrast(dark, "#1c1f23") < 5.5; share += 0.05) dark = towards(accent, "#ffffff", share);
  const { style, dataset } = document.documentElement;
  style.setProperty("--own-accent", accent);
  style.setProperty("--own-accent-dark", dark);
  dataset.accent = "own";
}

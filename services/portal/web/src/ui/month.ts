import { useCallback } from "react";
import { useIntl } from "react-intl";

/** Says a month such as 2026-03 in words. */
export function useMonth(style: "long" | "short" = "long"): (month: string) => string {
  const intl = useIntl();
  return useCallback((month) => intl.formatDate(new Date(`${month}-15T00:00:00Z`), { month: style, year: "numeric", timeZone: "UTC" }), [intl, style]);
}

import type { ReactNode } from "react";

function icon(path: string): ReactNode {
  return (
    <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.6" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true">
      <path d={path} />
    </svg>
  );
}

export const icons = {
  home: icon("M4 11l8-7 8 7v9h-5v-6H9v6H4z"),
  ask: icon("M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 8.5v7M8.5 12h7"),
  requests: icon("M4 5h16v11H10l-4 4v-4H4z"),
  communities: icon("M9 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM3 19c0-3 2.7-5 6-5s6 2 6 5M15.5 5.4a3 3 0 0 1 0 5.4M17.5 14.4c2.1.7 3.5 2.400 3.5 4.600"),
  people: icon("M12 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM5 20c0-3.5 3-6 7-6s7 2.5 7 6"),
  inbox: icon("M4 13l3-8h10l3 8v6H4zM4 13h5l1 2h4l1-2h5"),
};

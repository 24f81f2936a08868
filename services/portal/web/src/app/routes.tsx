import type { ComponentType } from "react";
import { createBrowserRouter } from "react-router";
import { Broken, Missing } from "./Broken";
import { Shell } from "./Shell";

type Module<Name extends string> = Record<Name, ComponentType>;

// Each page is a file of its own that is fetched when somebody goes there.
const page =
  <Name extends string>(load: () => Promise<Module<Name>>, name: Name) =>
  async () => ({ Component: (await load())[name] });

export const router = createBrowserRouter([
  {
    path: "/",
    Component: Shell,
    HydrateFallback: () => null,
    children: [
      {
        ErrorBoundary: Broken,
        children: [
          { index: true, lazy: page(() => import("../pages/Home"), "Home") },
          { path: "ask", lazy: page(() => import("../pages/Ask"), "Ask") },
          { path: "requests", lazy: page(() => import("../pages/Requests"), "Requests") },
          { path: "requests/:request", lazy: page(() => import("../pages/Request"), "Request") },
          { path: "communities", lazy: page(() => import("../pages/Communities"), "Communities") },
          { path: "communities/new", lazy: page(() => import("../pages/Found"), "Found") },
          { path: "communities/:community", lazy: page(() => import("../pages/Community"), "Community") },
          { path: "people", lazy: page(() => import("../pages/People"), "People") },
          { path: "people/:person", lazy: page(() => import("../pages/Person"), "Person") },
          { path: "inbox", lazy: page(() => import("../pages/Inbox"), "Inbox") },
          { path: "me", lazy: page(() => import("../pages/Me"), "Me") },
          { path: "audit", lazy: page(() => import("../pages/Audit"), "Audit") },
          { path: "audit/verification", lazy: page(() => import("../pages/AuditVerification"), "AuditVerification") },
          { path: "audit/export", lazy: page(() => import("../pages/AuditExport"), "AuditExport") },
          { path: "audit/:seq", lazy: page(() => import("../pages/AuditEvent"), "AuditEvent") },
          { path: "system", lazy: page(() => import("../pages/System"), "System") },
          { path: "system/deadletters/:reactor/:seq", lazy: page(() => import("../pages/SystemLetter"), "SystemLetter") },
          { path: "*", Component: Missing },
        ],
      },
    ],
  },
]);

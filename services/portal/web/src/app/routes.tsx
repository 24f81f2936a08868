import type { ComponentType } from "react";
import { createBrowserRouter, replace } from "react-router";
import { Broken, Missing } from "./Broken";
import { Only } from "./Only";
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
          { path: "communities/:community/people", lazy: page(() => import("../pages/CommunityPeople"), "CommunityPeople") },
          { path: "communities/:community/charter", lazy: page(() => import("../pages/CommunityCharter"), "CommunityCharter") },
          { path: "communities/:community/first-week", lazy: page(() => import("../pages/CommunityWeek"), "CommunityWeek") },
          { path: "communities/:community/links", lazy: page(() => import("../pages/CommunityLinks"), "CommunityLinks") },
          { path: "communities/:community/settings", lazy: page(() => import("../pages/CommunitySettings"), "CommunitySettings") },
          { path: "bridges", lazy: page(() => import("../pages/Bridges"), "Bridges") },
          { path: "people", lazy: page(() => import("../pages/People"), "People") },
          { path: "people/:person", lazy: page(() => import("../pages/Person"), "Person") },
          { path: "inbox", lazy: page(() => import("../pages/Inbox"), "Inbox") },
          {
            path: "me",
            children: [
              { index: true, lazy: page(() => import("../pages/MeProfile"), "MeProfile") },
              { path: "notifications", lazy: page(() => import("../pages/MeNotifications"), "MeNotifications") },
              { path: "meeting", lazy: page(() => import("../pages/MeMeeting"), "MeMeeting") },
              { path: "access", lazy: page(() => import("../pages/MeAccess"), "MeAccess") },
              { path: "data", lazy: page(() => import("../pages/MeData"), "MeData") },
              { path: "data/erase", lazy: page(() => import("../pages/MeErase"), "MeErase") },
            ],
          },
          {
            path: "organisation",
            lazy: page(() => import("../pages/Organisation"), "Organisation"),
            children: [
              { index: true, loader: () => replace("/organisation/people"), Component: () => null },
              { path: "people", lazy: page(() => import("../pages/OrganisationPeople"), "OrganisationPeople") },
              { path: "people/new", lazy: page(() => import("../pages/OrganisationPersonNew"), "OrganisationPersonNew") },
              { path: "people/:person", lazy: page(() => import("../pages/OrganisationPerson"), "OrganisationPerson") },
              { path: "units/:unit?", lazy: page(() => import("../pages/OrganisationUnits"), "OrganisationUnits") },
              { path: "roles", lazy: page(() => import("../pages/OrganisationRoles"), "OrganisationRoles") },
              { path: "import", lazy: page(() => import("../pages/OrganisationImport"), "OrganisationImport") },
            ],
          },
          {
            Component: () => <Only role="auditor" place="place.audit" />,
            children: [
              { path: "audit", lazy: page(() => import("../pages/Audit"), "Audit") },
              { path: "audit/verification", lazy: page(() => import("../pages/AuditVerification"), "AuditVerification") },
              { path: "audit/export", lazy: page(() => import("../pages/AuditExport"), "AuditExport") },
              { path: "audit/:seq", lazy: page(() => import("../pages/AuditEvent"), "AuditEvent") },
            ],
          },
          {
            Component: () => <Only role="administrator" place="place.system" />,
            children: [
              { path: "system", lazy: page(() => import("../pages/System"), "System") },
              { path: "system/deadletters/:reactor/:seq", lazy: page(() => import("../pages/SystemLetter"), "SystemLetter") },
            ],
          },
          { path: "*", Component: Missing },
        ],
      },
    ],
  },
]);

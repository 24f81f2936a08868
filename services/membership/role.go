package membership

import (
	"maps"
	"slices"

	events "kith/api/events/membership"
	"kith/api/sealed"
	"kith/pkg/es"
	"kith/pkg/fault"
)

// configuration is the actor of what the deployment's configuration decides.
const configuration = "system:configuration"

// Roles in the organisation that are treated apart.
const (
	roleAuditor       = "auditor"
	roleAdministrator = "administrator"
)

func organisationRoles() []string {
	return []string{"coordinator", "connector", "ombudsperson", roleAuditor, roleAdministrator}
}

// roles are one person's roles in the organisation; the value says whether the
// configuration gave the role.
type roles struct {
	held    map[string]bool
	version uint64
}

func foldRoles(s *roles, r es.Recorded) {
	// A new map each time: who loaded the state may still be reading the old one.
	held := maps.Clone(s.held)
	if held == nil {
		held = map[string]bool{}
	}
	switch e := r.Data.(type) {
	case events.RoleGranted:
		held[e.Role] = r.Meta.Actor == configuration
	case events.RoleRevoked:
		delete(held, e.Role)
	}
	s.held, s.version = held, r.Seq
}

// Grant gives the role; by is who decides, why may be empty. Auditors are the configuration's alone.
func (s roles) Grant(role string, by string, why sealed.Text) (es.Event, error) {
	if err := grantable(role, by); err != nil {
		return nil, err
	}
	if _, ok := s.held[role]; ok {
		return nil, nil
	}
	return events.RoleGranted{Role: role, Reason: why}, nil
}

// Revoke takes the role away. What the configuration gave, it alone takes.
func (s roles) Revoke(role string, by string, why sealed.Text) (es.Event, error) {
	if err := grantable(role, by); err != nil {
		return nil, err
	}
	configured, ok := s.held[role]
	switch {
	case !ok:
		return nil, nil
	case configured && by != configuration:
		return nil, fault.New(fault.Conflict, "This role was given by the configuration of the deployment. Remove the person there and restart.")
	}
	return events.RoleRevoked{Role: role, Reason: why}, nil
}

func grantable(role string, by string) error {
	switch {
	case !slices.Contains(organisationRoles(), role):
		return fault.InvalidField("role", "must be one of coordinator, connector, ombudsperson, administrator")
	case role == roleAuditor && by != configuration:
		return fault.New(fault.Forbidden, "Auditors are fixed by the configuration of the deployment and cannot be changed here.")
	}
	return nil
}

// Package access decides who may do and see what. It is folded in memory in
// every service from identities, roles, memberships, links and routings, never from
// texts, so that a decision needs no other service and no database.
package access

import "time"

// Role in a community.
type Role string

// Roles in a community. None is no member.
const (
	None       Role = ""
	Sponsor    Role = "sponsor"
	Host       Role = "host"
	Core       Role = "core"
	Member     Role = "member"
	Peripheral Role = "peripheral"
	Guest      Role = "guest"
)

// Valid reports whether r is a role that a member can have.
func (r Role) Valid() bool {
	switch r {
	case Sponsor, Host, Core, Member, Peripheral, Guest:
		return true
	default:
		return false
	}
}

// OrgRole is a role in the organisation.
type OrgRole string

// Roles in the organisation.
const (
	Coordinator   OrgRole = "coordinator"
	Connector     OrgRole = "connector"
	Ombudsperson  OrgRole = "ombudsperson"
	Auditor       OrgRole = "auditor"
	Administrator OrgRole = "administrator"
)

// Valid reports whether r is a role that the organisation knows.
func (r OrgRole) Valid() bool {
	switch r {
	case Coordinator, Connector, Ombudsperson, Auditor, Administrator:
		return true
	default:
		return false
	}
}

// Person is what access knows of a person.
type Person struct {
	ID       string
	Active   bool // registered, neither deactivated nor erased
	Erased   bool
	Unit     string
	Site     string
	Language string
	Roles    []OrgRole
	Own      bool // the language is their own choice
}

// speaks takes a language from the organisation's record, unless p has chosen one.
func (p *Person) speaks(language string) {
	if !p.Own {
		p.Language = language
	}
}

// Has reports whether p has the role.
func (p Person) Has(r OrgRole) bool {
	for _, have := range p.Roles {
		if have == r {
			return true
		}
	}
	return false
}

// Unit is a node of the organisation tree.
type Unit struct {
	ID, Parent, Code, Name, Kind string
	Closed                       bool
}

// Community is what access knows of a community.
type Community struct {
	ID         string
	Name       string
	Closed     bool   // content is for members only; not the state of that name
	Joining    string // open, request, invitation
	State      string // draft, forming, active, dormant, closed
	Hostless   bool   // a succession is open
	settled    bool   // its settings are known
	membership map[string]Role
}

// founded reports whether c exists: it may be nil, or only have been referred
// to. Without settings it stays hidden, also where a newer version founded it.
func (c *Community) founded() bool { return c != nil && c.settled && c.State != "" }

// Request is what access knows of a help request.
type Request struct {
	ID, Community, Asker string
	Beyond               bool
	Open                 bool
	Imported             bool
	raised               bool     // false: only referred to so far
	routed               []string // proposed helpers, and who was asked to find some: a few
}

type token struct {
	person, hash string
	expires      time.Time
}

// state is the fold. Its maps are guarded by Access.
type state struct {
	persons     map[string]*Person
	holders     map[OrgRole]map[string]bool // who has a role: Roles of persons, turned round
	logins      map[string]string           // reservation id → person
	units       map[string]*Unit
	codes       map[string]string // unit code → unit id
	communities map[string]*Community
	memberOf    map[string]map[string]Role // person → community → role
	requests    map[string]*Request
	tokens      map[string]token
	links       map[string]map[string]int // community → other → kinds of link agreed on
}

func newState() *state {
	return &state{
		persons: map[string]*Person{}, holders: map[OrgRole]map[string]bool{}, logins: map[string]string{},
		units: map[string]*Unit{}, codes: map[string]string{},
		communities: map[string]*Community{}, memberOf: map[string]map[string]Role{},
		requests: map[string]*Request{}, tokens: map[string]token{}, links: map[string]map[string]int{},
	}
}

package membership

import "kith/pkg/access"

// Kinds of external key by which the organisation knows a person.
const (
	KindLogin       = access.KeyLogin       // address, or what the issuer calls the person; case does not matter
	KindStaffNumber = access.KeyStaffNumber // external_id of the organisation's files
)

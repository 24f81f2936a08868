module kith/services/audit

go 1.26.0

require (
	kith/api v0.0.0
	kith/pkg v0.0.0
)

replace (
	kith/api => ../../api
	kith/pkg => ../../pkg
)

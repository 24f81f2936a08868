module kith/pkg

go 1.26.0

require kith/api v0.0.0

require github.com/hashicorp/golang-lru/v2 v2.0.7 // indirect

replace kith/api => ../api

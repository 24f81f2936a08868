module kith/api

go 1.26.0

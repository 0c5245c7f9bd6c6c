# Both images:  docker buildx bake -f deploy/docker/docker-bake.hcl          (in the checkout)
# To a registry: REGISTRY=ghcr.io/your-team/ VERSION=0.1.0 docker buildx bake -f deploy/docker/docker-bake.hcl --push

# In front of the name of the image, with its slash. Empty: this machine only.
variable "REGISTRY" {
  default = ""
}
# Tag, and label of the image.
variable "VERSION" {
  default = "dev"
}
# Commit; also a tag, where one is given.
variable "REVISION" {
  default = ""
}
# Time of the build, RFC 3339.
variable "CREATED" {
  default = ""
}
# Address of the repository.
variable "SOURCE" {
  default = ""
}
# Unix seconds that files and image are stamped with, e.g. the commit's: two builds are then alike.
variable "SOURCE_DATE_EPOCH" {
  default = ""
}

function "tags" {
  params = [name]
  result = concat(
    ["${REGISTRY}${name}:${VERSION}"],
    REVISION == "" ? [] : ["${REGISTRY}${name}:sha-${substr(REVISION, 0, 12)}"],
  )
}

function "given" {
  params = [text]
  result = text == "" ? null : text
}

group "default" {
  targets = ["cali", "consumer"]
}

target "common" {
  context   = "."
  platforms = ["linux/amd64", "linux/arm64"]
  # What is in the image, and how it was built.
  attest = ["type=sbom", "type=provenance,mode=max"]
  args = {
    VERSION           = VERSION
    REVISION          = given(REVISION)
    CREATED           = given(CREATED)
    SOURCE            = given(SOURCE)
    SOURCE_DATE_EPOCH = given(SOURCE_DATE_EPOCH)
  }
}

target "cali" {
  inherits   = ["common"]
  dockerfile = "deploy/docker/cali.Dockerfile"
  tags       = tags("cali")
}

target "consumer" {
  inherits   = ["common"]
  dockerfile = "deploy/docker/consumer.Dockerfile"
  tags       = tags("cali-consumer")
}

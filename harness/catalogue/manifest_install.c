/* What a manifest says of how its server is installed. */
#include "harness/catalogue/manifest_parts.h"

#include "harness/machine/paths.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int debian_read(const struct yaml_document *, const struct yaml_node *, void *);
static int build_read(const struct yaml_document *, const struct yaml_node *, void *);

/* clang-format off */
struct install {
	struct manifest *manifest;
	bool npm;
};

static const struct field install_fields[] = {
	{.key = "debian", .kind = FIELD_OWN, .read = debian_read,
	 .example = "[nginx]", .help = "packages"},
	{.key = "npm", .kind = FIELD_FLAG, .offset = offsetof(struct install, npm),
	 .example = "true", .help = "what package-lock.json beside the manifest says"},
	{.key = "build", .kind = FIELD_OWN, .read = build_read,
	 .example = "[go, build, -o, built/server]", .help = "run in its folder, it fills built/"},
};
/* clang-format on */

static int debian_read(const struct yaml_document *document, const struct yaml_node *node,
		       void *into)
{
	struct manifest *manifest = ((struct install *)into)->manifest;
	int code = schema_words(document, node, "debian", &manifest->debian,
				&manifest->debian_count);

	/* They are handed to apt-get as root. */
	for (size_t i = 0; code == 0 && i < node->count; i++)
		if (!islower((unsigned char)manifest->debian[i][0]) ||
		    manifest->debian[i][strspn(manifest->debian[i],
					       "abcdefghijklmnopqrstuvwxyz0123456789+-.")]) {
			yaml_complain(document, node->items[i], "\"%.60s\" is no name of a package",
				      manifest->debian[i]);
			code = yaml_hint(document, "small letters, digits, +, - and dots");
		}
	return code;
}

static int build_read(const struct yaml_document *document, const struct yaml_node *node,
		      void *into)
{
	struct manifest *manifest = ((struct install *)into)->manifest;

	return schema_texts(document, node, "build", false, &manifest->build,
			    &manifest->build_count);
}

int manifest_install_read(const struct yaml_document *document, const struct yaml_node *node,
			  void *into)
{
	struct install install = {.manifest = into};
	char path[PATH_MAX];
	int code = schema_read(document, node, "install", install_fields,
			       FIELDS_COUNT(install_fields), &install);

	if (code < 0)
		return code;
	install.manifest->npm = install.npm;
	if (install.npm &&
	    (paths_join(path, manifest_npm_folder(install.manifest), "package-lock.json", "") < 0 ||
	     access(path, R_OK) != 0)) {
		yaml_complain(document, node, "there is no package-lock.json %s",
			      install.manifest->shared ? "in the folder that is shared"
						       : "beside the manifest");
		return yaml_hint(document, "npm install --package-lock-only makes it");
	}
	return 0;
}

int manifest_shared_read(const struct yaml_document *document, const struct yaml_node *node,
			 void *into)
{
	struct manifest *manifest = into;
	struct stat status;
	char path[PATH_MAX];
	char *name = NULL;
	int code = schema_text(document, node, "shared", &name);

	if (code == 0 && paths_join(path, manifest->folder, name, "") == 0)
		manifest->shared = realpath(path, NULL);
	if (code == 0 && (!manifest->shared || stat(manifest->shared, &status) < 0 ||
			  !S_ISDIR(status.st_mode))) {
		yaml_complain(document, node, "there is no folder \"%.60s\"", name);
		code = yaml_hint(document, "it is looked for from the manifest's own folder");
	}
	free(name);
	return code;
}

const char *manifest_npm_folder(const struct manifest *manifest)
{
	return manifest->shared ? manifest->shared : manifest->folder;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * OpenSSL's SHA-256, called as `openssl speed -evp sha256` calls it, to hold cpu.sha256 against.
 *   sha256_ref HASHES    batches of so many hashes of 16 KiB, see ref.h
 * The environment variable OPENSSL_ia32cap chooses among the library's codes.
 */
#include <stdint.h>
#include <stdlib.h>

#include "ref.h"

/* From <openssl/evp.h>, which only the development package has. */
typedef struct evp_md_st EVP_MD;
EVP_MD *EVP_MD_fetch(void *context, const char *algorithm, const char *properties);
int EVP_Digest(const void *data, size_t bytes, unsigned char *hash, unsigned *hash_bytes,
	       const EVP_MD *type, void *engine);

enum { BYTES = 16 << 10 };

int main(int argc, char **argv)
{
	static unsigned char data[BYTES], hash[64];
	EVP_MD *sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	double ns = 0;
	long hashes;

	if (argc != 2 || !sha256)
		return 2;
	hashes = strtol(argv[1], NULL, 10);
	for (bool more = ref_next(NULL); more; more = ref_next(&ns)) {
		double start = ref_now_ns();

		for (long i = 0; i < hashes; i++)
			if (!EVP_Digest(data, BYTES, hash, NULL, sha256, NULL))
				return 1;
		ns = ref_now_ns() - start;
	}
	return 0;
}

"""What a model is, its folder and its card; nothing else touches those files.

    manifest.json     format, topics, settings, thresholds, calibration, dictionary, provenance, quality, file hashes
    vocabulary.tsv    the features as text, in the order of the columns
    alphabet.npy      the characters of the vocabulary
    keys.npy, slots.npy, flags.npy, columns.npy  the tree of its pairs and words, and their columns
    idf.npy, weights.npy  the linear model; its weights are times IDF
    rows.npy, masks.npy, values.npy  its weights where they are packed, as those of many topics are
    length_weights.npy  what the length of a text adds to scores; no rows where it adds nothing
    context.npy       how the paragraphs of an article tell of one another; no rows where they do not
    chance.npy        how probable paragraphs are in articles without the topic; no rows where that is not asked
    texts.npy         a hash of each text trained on, by which evaluation tells those it meets again
    README.md         the model card, for people; not read again

No pickle: the arrays are plain `.npy` files, read and checked on load. A folder is replaced in one step, so that a
broken save leaves the one before.
"""

from tagger.model.card import strongest_features
from tagger.model.folder import check_target, load_model, model_files, model_hash, save_model, shipped_model
from tagger.model.manifest import FORMAT
from tagger.model.model import Feature, Model, Provenance, feature_lines, hash_texts

__all__ = [
    "FORMAT",
    "Feature",
    "Model",
    "Provenance",
    "check_target",
    "feature_lines",
    "hash_texts",
    "load_model",
    "model_files",
    "model_hash",
    "save_model",
    "shipped_model",
    "strongest_features",
]

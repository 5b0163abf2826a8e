"""Lets the tests import the installed `pytx`, although its project folder has the same name."""

import importlib
import sys

# In the import mode `importlib`, pytest names a test by its folders, `pytx.tests.test_money`, and
# enters the folder `pytx` as a package of that name. The real package has to take the name back.
if getattr(sys.modules.get("pytx"), "__file__", None) is None:
    sys.modules.pop("pytx", None)
    importlib.import_module("pytx")

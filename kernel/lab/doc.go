// Package lab brings a learner to an open lesson in JupyterLab with one command: it finds JupyterLab 4 or makes a private
// environment that holds it, tells it of this kernel, copies the lessons to a work folder without ever touching what the
// learner changed there, starts the server on the loopback interface with a random token, and opens the browser.
//
// Nothing outside of the user's cache and the work folder is written. The kernel is made known through JUPYTER_PATH, so
// an existing Jupyter stays as it is; [InstallKernelspec] is there for those who want it everywhere.
package lab

/** Is never loaded. */
throw new Error('as asked');
